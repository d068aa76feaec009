"""Which posts match what is asked, and who counts them: tantivy in this process, or a cluster over HTTP."""
