// Reads QR codes with jsQR, a decoder that none of us wrote.
// In: {"images": [{"width", "height", "luma": base64 of one byte a pixel}]}. Out: [text or null].
import { text } from "node:stream/consumers";
import jsQR from "jsqr";

const { images } = JSON.parse(await text(process.stdin));
const found = images.map(({ width, height, luma }) => {
  const grey = Buffer.from(luma, "base64");
  const rgba = new Uint8ClampedArray(width * height * 4);
  grey.forEach((value, at) => rgba.set([value, value, value, 255], at * 4));
  return jsQR(rgba, width, height)?.data ?? null;
});
process.stdout.write(JSON.stringify(found));
