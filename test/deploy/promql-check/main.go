// Command promql-check parses PromQL expressions, a JSON list on stdin, with Prometheus' own parser, and tells the broken ones.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/prometheus/prometheus/promql/parser"
)

func main() {
	var expressions []string
	if err := json.NewDecoder(os.Stdin).Decode(&expressions); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	code := 0
	for _, expression := range expressions {
		if _, err := parser.ParseExpr(expression); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", expression, err)
			code = 1
		}
	}
	os.Exit(code)
}
