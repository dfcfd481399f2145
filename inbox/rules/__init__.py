"""One small question about a mail in each file; the order stands in `inbox/classify.py`."""
