"""Reading files of orders: what a file is, what its cells mean, what is wrong with them. Nothing here writes.

`reading` opens a file, `mapping` says which column is which field, `values` reads cells, `rows` makes records of them,
`seen` remembers what a file has said already, `rejects` keeps what could not be taken. Storing is in orders/services.
"""
