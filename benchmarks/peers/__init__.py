"""The same work by other libraries, each in its own manner: one module a peer, one function a workload.

A module has ``layout(panel)``, what the library is given (making it is not counted), and of `scan`, `maximum`,
`strength`, `breadth`, `forward_returns` and `bootstrap` those that it has a way for. Results come as `Events`,
`Strength`, a mapping of day counts, or an array, whatever the library.
"""
