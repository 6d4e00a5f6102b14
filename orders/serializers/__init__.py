"""What the orders room tells programs, and what it takes from them."""
