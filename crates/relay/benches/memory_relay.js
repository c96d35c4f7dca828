// The relay that the bench is held against: on Bun, in memory only. Nothing is durable, nothing is sealed, nothing is committed.
// It takes publications and serves openings as `carnet-relay` does, and says on its first line which port it has.

const links = new Map();
const receipts = [];

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    const url = new URL(request.url);
    const [, plane, id] = url.pathname.split("/");
    if (request.method === "PUT" && plane === "control") {
      const publish = await request.json();
      links.set(id, { jwe: publish.files[0].jwe, expires: publish.expires, openings: 0 });
      return Response.json({ revision: 0 });
    }
    const link = plane === "shl" ? links.get(id) : undefined;
    const recipient = url.searchParams.get("recipient");
    if (!link || !recipient || link.expires <= Date.now() / 1000) return new Response(null, { status: 404 });
    link.openings += 1;
    receipts.push({ id, recipient, at: Date.now() });
    return new Response(link.jwe, { headers: { "content-type": "application/jose" } });
  },
});

console.log(server.port);
