"""Stock: levels that are told, orders that reserve and let go, and the sweep that serves those who wait."""
