"""Search: `words` reads what was typed, `meaning` looks up what it names, `asking` asks the database, `marking` shows
where the words are."""
