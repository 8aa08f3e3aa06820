"""The rules by which findings decide each clause, a module a section."""
