// Checks one proof of the ledger with the code of Go's checksum database (golang.org/x/mod/sumdb), which none of us wrote.
//
//	verify POLICY PROOF COMMITMENT
//
// POLICY is a tlog-policy file, PROOF a c2sp.org/tlog-proof@v1 file, COMMITMENT the entry in hexadecimal.
package main

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if len(os.Args) != 4 {
		fail("usage: verify POLICY PROOF COMMITMENT")
	}
	policy, proof := read(os.Args[1]), read(os.Args[2])
	entry, err := hex.DecodeString(os.Args[3])
	check(err)

	// A proof file: its name, an optional extra line, the index, the hashes, an empty line, the signed checkpoint.
	head, checkpoint, found := strings.Cut(proof, "\n\n")
	if !found {
		fail("the proof has no checkpoint")
	}
	var index int64 = -1
	var hashes tlog.RecordProof
	for _, line := range strings.Split(head, "\n")[1:] {
		switch {
		case strings.HasPrefix(line, "extra "):
		case strings.HasPrefix(line, "index "):
			index, err = strconv.ParseInt(strings.TrimPrefix(line, "index "), 10, 64)
			check(err)
		default:
			bytes, err := base64.StdEncoding.DecodeString(line)
			check(err)
			var hash tlog.Hash
			if copy(hash[:], bytes) != len(hash) || len(bytes) != len(hash) {
				fail("a hash of the proof has the wrong length")
			}
			hashes = append(hashes, hash)
		}
	}

	signed, err := note.Open([]byte(checkpoint), note.VerifierList(logs(policy)...))
	check(err)
	lines := strings.Split(signed.Text, "\n")
	if len(lines) < 3 || lines[0] != signed.Sigs[0].Name {
		fail("the checkpoint is not its signer's")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := tlog.ParseHash(lines[2])
	check(err)
	check(tlog.CheckRecord(hashes, size, root, index, tlog.RecordHash(entry)))
	fmt.Printf("%s: entry %d of %d\n", lines[0], index, size)
}

// The logs' keys of a policy file: lines "log <key> [address]".
func logs(policy string) (verifiers []note.Verifier) {
	for _, line := range strings.Split(policy, "\n") {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "log" {
			continue
		}
		verifier, err := note.NewVerifier(words[1])
		check(err)
		verifiers = append(verifiers, verifier)
	}
	return verifiers
}

func read(path string) string {
	bytes, err := os.ReadFile(path)
	check(err)
	return string(bytes)
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}
