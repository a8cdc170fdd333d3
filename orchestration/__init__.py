"""The pipeline: deliveries in, indicators out."""
