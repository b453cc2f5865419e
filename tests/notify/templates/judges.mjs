// Two judges of mails, one process for many mails: html-validate lints their HTML, postal-mime decodes them.
// Reads a JSON list of mails in base64 from stdin, writes a JSON list of what was found.
import { readFileSync } from "node:fs";
import { HtmlValidate, StaticConfigLoader } from "html-validate";
import PostalMime from "postal-mime";

const validator = new HtmlValidate(
  new StaticConfigLoader({
    root: true,
    extends: ["html-validate:recommended"],
    rules: {
      // Mail programs drop much of <style>, and know tables and their old attributes better than anything newer.
      "no-inline-style": "off",
      "no-deprecated-attr": "off",
      "long-title": "off", // it is the subject, which has its own limit
    },
  }),
);

const found = [];
for (const encoded of JSON.parse(readFileSync(0, "utf-8"))) {
  const mail = await PostalMime.parse(Buffer.from(encoded, "base64"));
  const report = mail.html ? await validator.validateString(mail.html) : { results: [] };
  found.push({
    subject: mail.subject ?? "",
    from: mail.from ?? null,
    text: mail.text ?? "",
    html: mail.html ?? "",
    attachments: mail.attachments.map((part) => `${part.mimeType} ${part.contentId ?? ""}`.trim()),
    faults: report.results.flatMap((result) => result.messages.map((m) => `${m.ruleId} ${m.line}: ${m.message}`)),
  });
}
process.stdout.write(JSON.stringify(found));
