// Reads a stream of YAML documents from standard input with the reader that Kubernetes itself uses, and prints each
// as one line of JSON. Documents are separated by lines that hold `---` and nothing else.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"sigs.k8s.io/yaml"
)

func main() {
	stream, err := io.ReadAll(os.Stdin)
	if err != nil {
		fail(err)
	}
	for number, document := range bytes.Split(stream, []byte("\n---\n")) {
		read, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			fail(fmt.Errorf("document %d: %w", number+1, err))
		}
		fmt.Printf("%s\n", read)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
