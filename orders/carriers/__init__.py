"""One file per source of tracking events: what it sends becomes scans."""
