/* with_sources.c - see with_sources.h. */
#include "command/with_sources.h"

#include "base/message.h"
#include "base/result.h"
#include "cli/options_question.h"

static exit_code trouble_with_word(const char *word, const char *advice)
{
    char message[MESSAGE_BYTES];
    message_fail(message,
                 "cannot open \"%.200s\": No such file or directory. It is taken as a SOURCE: %s",
                 word, advice);
    return result_trouble(message);
}

static exit_code answer_question(const options *o, const question *asked, const char *advice,
                                 answer *give)
{
    const char *word = sources_stray_word(asked);
    sources from;
    char message[MESSAGE_BYTES];
    if (word != NULL)
        return trouble_with_word(word, advice);
    options_tell_zones(o);
    const bool is_good = sources_open(asked, o->write, &from, message);
    const exit_code code = is_good ? give(o, asked, &from) : result_trouble(message);
    sources_free(&from);
    return code;
}

exit_code with_sources(const options *o, const char *advice, answer *give)
{
    const question asked = options_question(o);
    return answer_question(o, &asked, advice, give);
}

exit_code with_sources_past_range(const options *o, const char *advice, answer *give)
{
    question asked = options_question(o);
    asked.reads_on = true;
    return answer_question(o, &asked, advice, give);
}

exit_code with_sources_in_range(const options *o, const char *advice, answer *give)
{
    question asked = options_question(o);
    asked.stays_in_range = true;
    return answer_question(o, &asked, advice, give);
}
