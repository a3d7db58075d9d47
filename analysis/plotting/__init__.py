"""The standard figures of foldback, drawn from its HDF5 files. analysis/plot.py is the program."""
