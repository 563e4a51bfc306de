"""The stages, in order. Nothing else chains them, so this is where the way of the data can be read.

    load → resolve → place → render → check → compare → write → publish

Each module here is one thing that a person wants done, and runs the stages that it needs: first `inputs` (load,
resolve, place), `output` and `settling` (and render, write), `checks`, `changes` (compare) and `publishing`, then what
is built of them. They hand back what came out together with every diagnostic. Nothing is printed and nobody is asked.
"""
