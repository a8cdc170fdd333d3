"""Reading published tables: grids, cells, words and places."""
