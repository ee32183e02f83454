"""Goods in a draft: which products and how much of each, for orders, their changes, and stock.

A line of a draft is JSON: `said` is what the product was called, `quantity` and `said_unit` how
much was said, `amount` a rate if one was named; once the product is known, `id`, `name`, `unit` and
`price`, and `counted`, the quantity in the product's own unit.
"""
