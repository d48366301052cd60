/* data/json_simd.cc - JSON values into rows, by simdjson's DOM: it checks all of
 * a line (UTF-8, structure, numbers), also what the type does not name, and is
 * the faster of its two interfaces where a distribution's compiler flags know
 * no AVX (158 against 190 ns for an event of 176 bytes): its code is chosen at
 * run time. The only file of C++; without exceptions and run-time types. */
#include "data/json_simd.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <new>
#include <simdjson.h>

#include <rivulet.h>

namespace dom = simdjson::dom;

static_assert(RIV__SIMD_PADDING >= simdjson::SIMDJSON_PADDING,
              "lines have too few readable bytes behind them");

#define RIV__TEXT1(x) #x
#define RIV__TEXT(x) RIV__TEXT1(x)

const char *const riv__simd_name = "simdjson " RIV__TEXT(SIMDJSON_VERSION);

/* Whether a node is there is known by the number of the last record that had
 * it: nothing needs to be cleared between two records. */
struct riv_simd {
    dom::parser parser;
    uint32_t record = 0;      /* its number; 0 is none */
    uint32_t *seen = nullptr; /* by node: a value that it takes */
    uint32_t *bad = nullptr;  /* by node: another value, later */
};

namespace
{

enum { DEPTH_MAX = 256 };

struct reading {
    riv_simd *simd;
    const riv_simd_node *node;
    char *row;
    uint32_t want; /* the node of which to say what is wrong with it */
    riv_simd_fault *fault;
};

const char *words_of(simdjson::error_code error)
{
    switch (error) {
    case simdjson::EMPTY: return "it is empty";
    case simdjson::UTF8_ERROR: return "it is not UTF-8";
    case simdjson::STRING_ERROR: return "an escape in a string is wrong";
    case simdjson::UNCLOSED_STRING: return "a string does not end";
    case simdjson::UNESCAPED_CHARS:
        return "a string has a control character that is not escaped";
    case simdjson::DEPTH_ERROR: return "it is nested too deeply";
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
        return "a word is none of true, false and null";
    default:
        return "a comma, colon, bracket or quote is missing, or one too many";
    }
}

/* What is there, for a message: short, and printable after riv__str_show. */
void show(dom::element value, char *text)
{
    int64_t i;
    uint64_t u;
    double d;
    std::string_view s;
    if (!value.get(i))
        snprintf(text, RIV__SIMD_TEXT, "%lld", static_cast<long long>(i));
    else if (!value.get(u))
        snprintf(text, RIV__SIMD_TEXT, "%llu",
                 static_cast<unsigned long long>(u));
    else if (!value.get(d))
        snprintf(text, RIV__SIMD_TEXT, "%.17g", d);
    else if (!value.get(s))
        snprintf(text, RIV__SIMD_TEXT, "%.*s", static_cast<int>(s.size()),
                 s.data());
    else
        snprintf(text, RIV__SIMD_TEXT, "%s",
                 value.is_null()                   ? "null"
                 : value.is_array()                ? "[...]"
                 : value.is_object()               ? "{...}"
                 : value.get_bool().value_unsafe() ? "true"
                                                   : "false");
}

template <typename T> void put(char *at, T v)
{
    memcpy(at, &v, sizeof v);
}

/* The number is shown as it was read, 1 for 1.0 and 1000 for 1e3, and looks
 * whole. */
const char no_whole[] =
    "was written with a point or an exponent, as no whole number is";

const char *put_signed(const riv_simd_node &node, dom::element value, char *at)
{
    int64_t v;
    if (value.get(v)) {
        if (value.is_uint64())
            return "does not fit into 64 bits";
        return value.is_double() ? no_whole : "is no number";
    }
    if (node.kind == RIV_K_I64) {
        put(at, v);
        return nullptr;
    }
    if (v < std::numeric_limits<int32_t>::min() ||
        v > std::numeric_limits<int32_t>::max())
        return "does not fit into 32 bits";
    put(at, static_cast<int32_t>(v));
    return nullptr;
}

const char *put_unsigned(const riv_simd_node &node, dom::element value,
                         char *at)
{
    uint64_t v;
    if (value.get(v)) {
        if (value.is_int64())
            return "is below 0";
        return value.is_double() ? no_whole : "is no number";
    }
    if (node.kind == RIV_K_U64) {
        put(at, v);
        return nullptr;
    }
    if (v > std::numeric_limits<uint32_t>::max())
        return "does not fit into 32 bits";
    put(at, static_cast<uint32_t>(v));
    return nullptr;
}

/* null is what writes make of NaN. */
const char *put_float(const riv_simd_node &node, dom::element value, char *at)
{
    double v = std::numeric_limits<double>::quiet_NaN();
    if (value.get(v) && !value.is_null())
        return "is no number";
    if (node.kind == RIV_K_F64) {
        put(at, v);
        return nullptr;
    }
    if (std::fabs(v) > static_cast<double>(std::numeric_limits<float>::max()))
        return "does not fit into 32 bits";
    put(at, static_cast<float>(v));
    return nullptr;
}

const char *put_text(const riv_simd_node &node, dom::element value, char *at)
{
    std::string_view s;
    if (value.get(s))
        return "is no text";
    if (node.kind == RIV_K_STR) {
        put(at, riv_str{ s.empty() ? "" : s.data(), s.size() });
        return nullptr;
    }
    if (s.size() > node.length)
        return "is longer than the field";
    if (memchr(s.data(), '\0', s.size()))
        return "has a NUL, at which a char[N] ends";
    memcpy(at, s.data(), s.size());
    memset(at + s.size(), 0, node.length - s.size());
    return nullptr;
}

const char *put_value(const riv_simd_node &node, dom::element value, char *at)
{
    bool on;
    switch (node.kind) {
    case RIV_K_I64:
    case RIV_K_I32: return put_signed(node, value, at);
    case RIV_K_U64:
    case RIV_K_U32: return put_unsigned(node, value, at);
    case RIV_K_F64:
    case RIV_K_F32: return put_float(node, value, at);
    case RIV_K_STR:
    case RIV_K_CHARS: return put_text(node, value, at);
    default:
        if (value.get(on))
            return "is neither true nor false";
        put(at, on);
        return nullptr;
    }
}

/* Not what the node takes. Of a name that comes again the last value counts, so
 * this is no fault yet. */
void wrong(reading &r, uint32_t at, dom::element value, const char *why)
{
    r.simd->seen[at] = 0;
    r.simd->bad[at] = r.simd->record;
    if (at != r.want)
        return;
    r.fault->node = at;
    r.fault->why = why;
    show(value, r.fault->text);
}

void right(reading &r, uint32_t at)
{
    r.simd->seen[at] = r.simd->record;
    r.simd->bad[at] = 0;
}

/* An object comes again: what the first had does not count. */
void forget(reading &r, uint32_t at)
{
    const riv_simd_node &node = r.node[at];
    r.simd->seen[at] = r.simd->bad[at] = 0;
    for (uint32_t i = 0; i < node.n; i++)
        forget(r, node.first + i);
}

/* The node of a name in an object, or the object itself: no such. Records mostly
 * have their fields in one order, so the search begins behind the last find. */
uint32_t find(const riv_simd_node *node, uint32_t at, std::string_view name,
              uint32_t &guess)
{
    const riv_simd_node &object = node[at];
    for (uint32_t i = 0; i < object.n; i++) {
        const uint32_t k =
            guess + i < object.n ? guess + i : guess + i - object.n;
        const riv_simd_node &child = node[object.first + k];
        if (child.name_bytes == name.size() &&
            memcmp(child.name, name.data(), name.size()) == 0) {
            guess = k + 1 < object.n ? k + 1 : 0;
            return object.first + k;
        }
    }
    return at;
}

/* Calls itself as deep as types are nested, at most. */
void read_value(reading &r, uint32_t at, dom::element value)
{
    const riv_simd_node &node = r.node[at];
    dom::object object;
    uint32_t guess = 0;
    if (node.n == 0) {
        const char *why = put_value(node, value, r.row + node.offset);
        if (why)
            wrong(r, at, value, why);
        else
            right(r, at);
        return;
    }
    if (r.simd->seen[at] == r.simd->record)
        forget(r, at);
    if (value.get(object)) {
        wrong(r, at, value, "is no object");
        return;
    }
    right(r, at);
    for (dom::key_value_pair field : object) {
        const uint32_t child = find(r.node, at, field.key, guess);
        if (child != at) /* else the type does not name it */
            read_value(r, child, field.value);
    }
}

/* The first node that is not as it should be; nnode: all are. Objects stand
 * before what is in them. */
uint32_t first_fault(const reading &r, uint32_t nnode)
{
    for (uint32_t i = 0; i < nnode; i++)
        if (r.simd->bad[i] == r.simd->record ||
            (r.node[i].n == 0 && r.simd->seen[i] != r.simd->record))
            return i;
    return nnode;
}

riv_simd_result read_row(reading &r, uint32_t nnode, dom::element value)
{
    read_value(r, 0, value);
    const uint32_t at = first_fault(r, nnode);
    if (at == nnode)
        return RIV__SIMD_FINE;
    r.fault->node = at;
    if (r.simd->bad[at] != r.simd->record)
        return RIV__SIMD_MISSING;
    r.want = at; /* once more, for the words */
    read_value(r, 0, value);
    return RIV__SIMD_VALUE;
}

} // namespace

riv_simd *riv__simd_new(uint32_t n)
{
    riv_simd *simd = new (std::nothrow) riv_simd;
    if (!simd)
        return nullptr;
    simd->seen = new (std::nothrow) uint32_t[n]();
    simd->bad = new (std::nothrow) uint32_t[n]();
    if (!simd->seen || !simd->bad || simd->parser.allocate(4096, DEPTH_MAX)) {
        riv__simd_free(simd);
        return nullptr;
    }
    return simd;
}

void riv__simd_free(riv_simd *simd)
{
    if (simd) {
        delete[] simd->seen;
        delete[] simd->bad;
    }
    delete simd;
}

riv_simd_result riv__simd_read(riv_simd *simd, const riv_simd_node *node,
                               uint32_t nnode, const char *p, size_t n,
                               char *row, riv_simd_fault *fault)
{
    dom::element value;
    const simdjson::error_code error =
        simd->parser.parse(p, n, false).get(value);
    if (error == simdjson::MEMALLOC || error == simdjson::CAPACITY)
        return RIV__SIMD_MEMORY;
    if (error == simdjson::NUMBER_ERROR)
        return RIV__SIMD_NUMBER;
    if (error) {
        fault->why = words_of(error);
        return RIV__SIMD_NO_JSON;
    }
    reading r = { simd, node, row, nnode, fault };
    if (++simd->record == 0) { /* round the corner: old numbers look new */
        memset(simd->seen, 0, nnode * sizeof *simd->seen);
        memset(simd->bad, 0, nnode * sizeof *simd->bad);
        simd->record = 1;
    }
    return read_row(r, nnode, value);
}
