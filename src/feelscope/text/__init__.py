"""Text: words, emoji, sentences, parts of speech, stems, language, HTML, near-duplicates; one idea a file."""
