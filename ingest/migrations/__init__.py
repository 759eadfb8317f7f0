"""How the tables came to be, one step a file; applied at start by `Database.migrate`."""
