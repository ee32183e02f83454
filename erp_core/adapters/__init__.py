"""Outside services, one file each; every one fills a port that a module states."""
