"""The words of the product: frozen records, shared by every layer; standard library and numpy only."""
