"""posts.db, the database of collected posts: one SQLite file.

`Store` saves pages of posts and gives them back, `Calls` keeps the calls that were made, `database.py` is the file
itself.
"""

from feelscope.store.calls import Calls
from feelscope.store.collected import CollectedPost, Page, WebAddress
from feelscope.store.database import is_store
from feelscope.store.posts import Store

__all__ = ["Calls", "CollectedPost", "Page", "Store", "WebAddress", "is_store"]
