.PHONY: bench

# Times everything that has a goal on a fleet of N tenants: docs/performance.md.
N ?= 1000
bench:
	python3 benchmarks/bench.py --tenants $(N)
