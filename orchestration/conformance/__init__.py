"""The definitions a second time: plain, slow and without SQL, to compare the warehouse with.

It shares no code with the models. What it has in common with them is data: thresholds, age bands and code lists from the
seeds, the population, and the rows of the vault.
"""
