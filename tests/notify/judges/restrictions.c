/* libical's word on calendars read from standard input, each followed by a zero byte: a line "ok", or what is wrong. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int judge(const char *text)
{
    icalcomponent *calendar = icalparser_parse_string(text);
    int bad = calendar == NULL || icalcomponent_count_errors(calendar) > 0 || !icalrestriction_check(calendar);
    if (!bad) {
        puts("ok");
    } else if (calendar == NULL) {
        puts("not a calendar");
    } else {
        char *said = icalcomponent_as_ical_string_r(calendar);
        for (char *end = said; (end = strpbrk(end, "\r\n")) != NULL;)
            *end = '|';
        puts(said);
    }
    return bad;
}

int main(void)
{
    char *text = NULL;
    size_t room = 0;
    int bad = 0;
    icalerror_set_errors_are_fatal(0);
    while (getdelim(&text, &room, '\0', stdin) > 0)
        bad |= judge(text);
    return bad;
}
