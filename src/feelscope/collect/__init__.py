"""Collect: from the web, dumps and files to posts.db. One source a file: fetch, parse, save."""
