/* log_words.c - see log_words.h. */
#include "server_log/log_words.h"

#define WORDS_MAX 12

/* English, German, Spanish, French, Italian, Japanese, Korean, Russian, Swedish, Ukrainian, Chinese. NULL after the last. */
static const char *const words[][WORDS_MAX] = {
    [LOG_WORDS_STATEMENT] = { "statement: ", "Anweisung: ", "sentencia: ", "instruction : ",
                              "istruzione: ", "文: ", "명령 구문: ", "оператор: ", "sats: ",
                              "语句: " },
    [LOG_WORDS_EXECUTE] = { "execute ", "Ausführen ", "ejecutar ", "exécute ", "esecuzione di ",
                            "実行 ", "쿼리실행 ", "выполнение ", "kör ", "виконувати ", "执行 " },
    [LOG_WORDS_DURATION] = { "duration: ", "Dauer: ", "duración: ", "durée : ", "durata: ",
                             "期間: ", "실행시간: ", "수행시간: ", "продолжительность: ",
                             "varaktighet: ", "тривалість: ", "执行时间: " },
    [LOG_WORDS_MS] = { " ms", " ミリ秒", " мс" },
};
static const char *const errors[] = {
    "ERROR",  "FATAL", "PANIC", "FEHLER", "ERREUR",  "ERRORE",   "FATALE", "오류",     "치명적오류",
    "ОШИБКА", "ВАЖНО", "FEL",   "FATALT", "ПОМИЛКА", "ФАТАЛЬНО", "错误",   "致命错误",
};
static const char *const statements[] = {
    "STATEMENT", "ANWEISUNG", "SENTENCIA", "INSTRUCTION", "ISTRUZIONE", "文",
    "명령 구문", "ОПЕРАТОР",  "SATS",      "ІНСТРУКЦІЯ",  "语句",
};

static bool is_among(wp_view view, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (log_view_is(view, list[i]))
            return true;
    }
    return false;
}

wp_view log_words_after(log_words what, wp_view message)
{
    wp_view after = { NULL, 0 };
    for (size_t i = 0; i < WORDS_MAX && words[what][i] != NULL && after.bytes == NULL; i++)
        after = log_view_after(message, words[what][i]);
    return after;
}

bool log_severity_is_error(wp_view severity)
{
    return is_among(severity, errors, sizeof errors / sizeof *errors);
}

bool log_severity_is_statement(wp_view severity)
{
    return is_among(severity, statements, sizeof statements / sizeof *statements);
}
