// Where the tests have SARIF's official schema from: a Go package that carries it. Nothing here is built.
module tenantry.dev/tests/sarif_schema

go 1.23

require github.com/owenrumney/go-sarif/v3 v3.3.1
