"""The commands of bistand: main and one module per group."""
