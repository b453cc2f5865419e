// Calendars as ical.js, Thunderbird's parser, reads them: a line of JSON in (a list of texts), a line of JSON out.
import { createInterface } from "node:readline";
import ICAL from "ical.js";

function read(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset(); // nothing it knows by itself: the text must bring its zone
  for (const zone of calendar.getAllSubcomponents("vtimezone")) {
    const timezone = new ICAL.Timezone(zone);
    ICAL.TimezoneService.register(timezone, timezone.tzid);
  }
  return calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component, { strictExceptions: true });
    return {
      method: calendar.getFirstPropertyValue("method"),
      uid: event.uid,
      sequence: event.sequence,
      status: component.getFirstPropertyValue("status"),
      start: event.startDate.toUnixTime(),
      end: event.endDate.toUnixTime(),
      zone: event.startDate.zone.tzid,
      organizer: event.organizer,
      attendees: event.attendees.map((attendee) => attendee.getFirstValue()),
      alarms: component.getAllSubcomponents("valarm").length,
    };
  });
}

createInterface({ input: process.stdin }).on("line", (line) => {
  console.log(JSON.stringify(JSON.parse(line).map(read)));
});
