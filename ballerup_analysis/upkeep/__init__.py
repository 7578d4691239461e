"""What keeps the collection fresh: live services, the notebooks saved, the processed tables."""
