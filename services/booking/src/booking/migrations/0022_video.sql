-- Makes of an appointment's id the token in its video link; another key changes all links.
ALTER TABLE tenant_setting ADD COLUMN video_key text NOT NULL DEFAULT gen_random_uuid()::text;
