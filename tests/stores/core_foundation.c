/* As much of macOS's Core Foundation and Security as dockpass calls, to see that it calls them rightly: by the C
   interface, with whole pointers, and letting go of whatever it made. Reference: CFBase.h, CFDictionary.h, SecItem.h */
#include <stdlib.h>
#include <string.h>

typedef struct object {
    unsigned long kind;
    long references, count;
    struct object **keys, **values;
    char *bytes;
    long long number;
} *object;

enum { ARRAY = 1, DICTIONARY, STRING, DATA, NUMBER, DATE, BOOLEAN };

long live;
static object kept[8];
static int number_kept;

static object make(unsigned long kind, const void *bytes, long count) {
    object made = calloc(1, sizeof *made);
    made->kind = kind, made->references = 1, made->count = count;
    if (bytes) made->bytes = malloc(count + 1), memcpy(made->bytes, bytes, count);
    live++;
    return made;
}
static object retain(object it) { it->references++; return it; }
void CFRelease(object it) {
    if (it->references <= 0) abort();
    if (--it->references) return;
    for (long i = 0; i < it->count; i++) {
        if (it->keys) CFRelease(it->keys[i]);
        if (it->values) CFRelease(it->values[i]);
    }
    free(it->keys), free(it->values), free(it->bytes), free(it);
    live--;
}
unsigned long CFGetTypeID(object it) { return it->kind; }
unsigned long CFArrayGetTypeID(void) { return ARRAY; }
unsigned long CFDictionaryGetTypeID(void) { return DICTIONARY; }
unsigned long CFStringGetTypeID(void) { return STRING; }
unsigned long CFDataGetTypeID(void) { return DATA; }
unsigned long CFNumberGetTypeID(void) { return NUMBER; }
unsigned long CFDateGetTypeID(void) { return DATE; }

typedef struct { long version; void *functions[5]; } callbacks;
callbacks kCFTypeDictionaryKeyCallBacks, kCFTypeDictionaryValueCallBacks, kCFTypeArrayCallBacks;

object CFStringCreateWithBytes(void *a, const char *bytes, long count, unsigned encoding, unsigned char external) {
    return a || external || encoding != 0x08000100 ? NULL : make(STRING, bytes, count);
}
object CFStringCreateExternalRepresentation(void *a, object text, unsigned encoding, unsigned char loss) {
    return a || loss || encoding != 0x08000100 ? NULL : make(DATA, text->bytes, text->count);
}
object CFDataCreate(void *a, const char *bytes, long count) { return a ? NULL : make(DATA, bytes, count); }
long CFDataGetLength(object data) { return data->count; }
const char *CFDataGetBytePtr(object data) { return data->bytes; }
object CFNumberCreate(void *a, long type, const int *value) {
    if (a || type != 3) return NULL;
    object made = make(NUMBER, NULL, 0);
    made->number = *value;
    return made;
}
_Bool CFNumberGetValue(object it, long type, long long *value) { return type == 4 ? *value = it->number, 1 : 0; }
double CFDateGetAbsoluteTime(object date) { return date->number + 0.5; }

static object together(unsigned long kind, object *keys, object *values, long count) {
    object made = make(kind, NULL, count);
    if (keys) made->keys = calloc(count + 1, sizeof *keys);
    made->values = calloc(count + 1, sizeof *values);
    for (long i = 0; i < count; i++) {
        if (keys) made->keys[i] = retain(keys[i]);
        made->values[i] = retain(values[i]);
    }
    return made;
}
object CFArrayCreate(void *a, object *values, long count, callbacks *c) {
    return a || c != &kCFTypeArrayCallBacks ? NULL : together(ARRAY, NULL, values, count);
}
long CFArrayGetCount(object array) { return array->count; }
object CFArrayGetValueAtIndex(object array, long index) { return array->values[index]; }
object CFDictionaryCreate(void *a, object *keys, object *values, long count, callbacks *k, callbacks *v) {
    if (a || k != &kCFTypeDictionaryKeyCallBacks || v != &kCFTypeDictionaryValueCallBacks) return NULL;
    return together(DICTIONARY, keys, values, count);
}
object CFDictionaryGetValue(object it, object key) {
    for (long i = 0; i < it->count; i++)
        if (it->keys[i] == key) return it->values[i];
    return NULL;
}

#define CONSTANTS \
    C(kSecClass) C(kSecClassInternetPassword) C(kSecAttrAccount) C(kSecAttrLabel) C(kSecAttrModificationDate) \
    C(kSecAttrPath) C(kSecAttrPort) C(kSecAttrProtocol) C(kSecAttrServer) C(kSecValueData) \
    C(kSecValuePersistentRef) C(kSecAttrAuthenticationType) C(kSecMatchItemList) C(kSecMatchLimit) \
    C(kSecReturnAttributes) C(kSecReturnData) C(kSecReturnPersistentRef) C(kSecMatchLimitAll)
#define C(name) object name;
CONSTANTS
#undef C
object kSecAttrProtocolHTTPS, kSecAttrProtocolHTTP, kSecAttrAuthenticationTypeDefault, kCFBooleanTrue, kCFBooleanFalse;

__attribute__((constructor)) static void begin(void) {
#define C(name) name = make(STRING, #name, strlen(#name));
    CONSTANTS
    kSecAttrProtocolHTTPS = make(STRING, "htps", 4), kSecAttrProtocolHTTP = make(STRING, "http", 4);
    kSecAttrAuthenticationTypeDefault = make(STRING, "dflt", 4);
    kCFBooleanTrue = make(BOOLEAN, NULL, 0), kCFBooleanFalse = make(BOOLEAN, NULL, 0);
    live = 0;
}

static object with(object it, object key, object value) { /* takes the caller's reference of value */
    object keys[32], values[32];
    long count = 0;
    for (long i = 0; i < it->count; i++)
        if (it->keys[i] != key) keys[count] = it->keys[i], values[count++] = it->values[i];
    keys[count] = key, values[count++] = value;
    object made = together(DICTIONARY, keys, values, count);
    CFRelease(value);
    return made;
}
static int named(object query) {
    object list = CFDictionaryGetValue(query, kSecMatchItemList);
    return list && list->kind == ARRAY && list->count == 1 && list->values[0]->count == 3 &&
           !memcmp(list->values[0]->bytes, "ref", 3);
}
int SecItemAdd(object attributes, void *result) {
    if (result || CFDictionaryGetValue(attributes, kSecClass) != kSecClassInternetPassword) return -50;
    if (number_kept == 8) return -25299;
    object date = make(DATE, NULL, 0);
    date->number = 7;
    object dated = with(attributes, kSecAttrModificationDate, date);
    kept[number_kept++] = with(dated, kSecValuePersistentRef, make(DATA, "ref", 3));
    CFRelease(dated);
    return 0;
}
int SecItemCopyMatching(object query, object *result) {
    if (!number_kept) return -25300;
    if (CFDictionaryGetValue(query, kSecReturnData) == kCFBooleanTrue)
        *result = retain(CFDictionaryGetValue(kept[0], kSecValueData));
    else if (CFDictionaryGetValue(query, kSecMatchLimit) == kSecMatchLimitAll)
        *result = together(ARRAY, NULL, kept, number_kept);
    else
        *result = retain(kept[0]);
    return 0;
}
int SecItemUpdate(object query, object attributes) {
    if (!named(query)) return -50;
    object before = kept[0];
    kept[0] = with(before, kSecValueData, retain(CFDictionaryGetValue(attributes, kSecValueData)));
    CFRelease(before);
    return 0;
}
int SecItemDelete(object query) {
    if (!named(query)) return -50;
    if (!number_kept) return -25300;
    CFRelease(kept[--number_kept]);
    return 0;
}
