"""How well an attacker who has all trips of a device, and knows the scheme, finds the home behind them: see `__main__`."""
