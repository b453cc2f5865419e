SELECT 1; -- payment's own tables come here
