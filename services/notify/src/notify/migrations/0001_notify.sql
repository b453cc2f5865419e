SELECT 1; -- notify's own tables come here
