.PHONY: bench

# Times everything that has a goal on a fleet of N tenants, and writes bench-N.json: docs/performance.md.
# AGAINST is the JSON of a run of another size to compare with, ARGS what bench.py takes besides.
N ?= 1000
bench:
	python3 run.py bench --tenants $(N) --json bench-$(N).json $(if $(AGAINST),--against $(AGAINST)) $(ARGS)
