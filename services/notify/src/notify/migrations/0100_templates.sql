-- A tenant's own wording of a kind of mail in a language. Rows are only ever added: the newest holds for mails written from
-- then on, and one without words gives the house's own back. No row is changed or taken away, which the rights see to.
CREATE TABLE template (
    tenant     text NOT NULL,
    kind       text NOT NULL,                       -- notify.domain.placeholders.TemplateKind
    language   text NOT NULL,
    version    int NOT NULL CHECK (version > 0),
    subject    text,
    body       text,                                -- restricted Markdown with placeholders
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,                       -- the staff token's subject
    PRIMARY KEY (tenant, kind, language, version),
    CHECK ((subject IS NULL) = (body IS NULL))
);
GRANT SELECT, INSERT ON template TO :app_role;

-- The logo of the tenant's letterhead: a PNG file, sent within each mail.
ALTER TABLE tenant ADD COLUMN logo bytea;
