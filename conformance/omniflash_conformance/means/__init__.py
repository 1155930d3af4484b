"""What cases look with: requests to ask, lives of a job, webhooks, and places in whatever a vendor answers."""
