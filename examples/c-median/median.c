/* A Phat Contract in C: the median of the numbers that several URLs answer.
 *
 * The input is the URLs, one a line. All are asked at once. An answer is a decimal
 * number with at most eight digits behind the point; others are logged and left out.
 * The result is the median as text, with eight digits behind the point. */
#include "contract.h"

#include <stdlib.h>
#include <string.h>

#define SOURCES_MAX 16
#define DECIMALS 8
/* Digits before the point: so many that nothing overflows. */
#define WHOLE_DIGITS_MAX 9
#define TIMEOUT_MS 15000

static void log_warning(const char *text) {
    contract_string_t line;
    contract_string_set(&line, text);
    phat_contract_log_write(PHAT_CONTRACT_LOG_LEVEL_WARN, &line);
}

static bool fail(contract_failure_t *failure, const char *message) {
    failure->code = PHAT_CONTRACT_TYPES_FAILURE_CODE_SCRIPT_THREW;
    contract_string_dup(&failure->message, message);
    return false;
}

static bool is_space(uint8_t byte) {
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Reads a number in units of 10^-8, with white space around it. */
static bool parse_number(const uint8_t *text, size_t length, uint64_t *number) {
    while (length > 0 && is_space(*text))
        text++, length--;
    while (length > 0 && is_space(text[length - 1]))
        length--;
    uint64_t value = 0;
    size_t whole = 0, fraction = 0;
    bool is_behind_point = false;
    for (size_t at = 0; at < length; at++) {
        if (text[at] == '.' && !is_behind_point) {
            is_behind_point = true;
            continue;
        }
        if (text[at] < '0' || text[at] > '9')
            return false;
        if (is_behind_point ? ++fraction > DECIMALS : ++whole > WHOLE_DIGITS_MAX)
            return false;
        value = value * 10 + (uint64_t)(text[at] - '0');
    }
    for (; fraction < DECIMALS; fraction++)
        value *= 10;
    *number = value;
    return whole > 0;
}

/* Starts a request for each line; returns how many, or 0 if there are too many. */
static size_t start_requests(const uint8_t *input, size_t length) {
    size_t count = 0;
    while (length > 0) {
        size_t end = 0;
        while (end < length && input[end] != '\n')
            end++;
        if (end > 0) {
            if (count == SOURCES_MAX)
                return 0;
            phat_contract_http_request_t request = {
                .url = {.ptr = (uint8_t *)input, .len = end},
                .redirect = PHAT_CONTRACT_HTTP_REDIRECT_FOLLOW,
                .timeout_ms = {.is_some = true, .val = TIMEOUT_MS},
            };
            contract_string_set(&request.method, "GET");
            phat_contract_http_start(&request);
            count++;
        }
        size_t step = end < length ? end + 1 : end;
        input += step;
        length -= step;
    }
    return count;
}

/* Reads the number that an event brings. */
static bool number_of(phat_contract_events_event_t *event, uint64_t *number) {
    if (event->completion.tag != PHAT_CONTRACT_EVENTS_COMPLETION_HTTP)
        return false;
    if (event->completion.val.http.is_err) {
        phat_contract_log_write(PHAT_CONTRACT_LOG_LEVEL_WARN,
                                &event->completion.val.http.val.err.message);
        return false;
    }
    phat_contract_http_response_t *response = &event->completion.val.http.val.ok;
    if (response->status == 200 &&
        parse_number(response->body.ptr, response->body.len, number))
        return true;
    log_warning("an answer is no number");
    return false;
}

static void sort(uint64_t *numbers, size_t count) {
    for (size_t end = 1; end < count; end++)
        for (size_t at = end; at > 0 && numbers[at - 1] > numbers[at]; at--) {
            uint64_t moved = numbers[at];
            numbers[at] = numbers[at - 1];
            numbers[at - 1] = moved;
        }
}

/* Writes a number with its eight digits behind the point. */
static void print_number(uint64_t number, contract_list_u8_t *text) {
    char digits[24];
    size_t at = sizeof digits, count = 0;
    do {
        if (count == DECIMALS)
            digits[--at] = '.';
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
        count++;
    } while (number > 0 || count <= DECIMALS);
    text->len = sizeof digits - at;
    text->ptr = malloc(text->len);
    if (text->ptr == NULL)
        abort();
    memcpy(text->ptr, digits + at, text->len);
}

bool exports_contract_run(contract_request_t *request, contract_list_u8_t *result,
                          contract_failure_t *failure) {
    size_t left = start_requests(request->input.ptr, request->input.len);
    if (left == 0)
        return fail(failure, "the input must be 1 to 16 URLs, one a line");
    uint64_t numbers[SOURCES_MAX];
    size_t count = 0;
    for (; left > 0; left--) {
        phat_contract_events_event_t event;
        if (!phat_contract_events_next(&event))
            abort();
        if (number_of(&event, &numbers[count]))
            count++;
    }
    if (count == 0)
        return fail(failure, "no source gave a number");
    sort(numbers, count);
    uint64_t median = numbers[count / 2];
    if (count % 2 == 0)
        median = (median + numbers[count / 2 - 1]) / 2;
    print_number(median, result);
    return true;
}
