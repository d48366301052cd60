"""XXH3_64bits with seed 0, by its specification: small, slow, and made without
the library, so that a mistake in how the journal uses that shows. (Yann
Collet, "XXH3 algorithm overview", in the documentation of xxHash 0.8.)"""
import struct

MASK = (1 << 64) - 1
P32 = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)
P64 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9,
       0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)
SECRET = bytes.fromhex(
    'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f'
    'cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c'
    '3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8'
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364'
    'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e'
    '2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e')


def u32(data, at=0):
    return int.from_bytes(data[at:at + 4], 'little')


def u64(data, at=0):
    return int.from_bytes(data[at:at + 8], 'little')


def swap64(x):
    return int.from_bytes(x.to_bytes(8, 'little'), 'big')


def rotl(x, n):
    return (x << n | x >> (64 - n)) & MASK


def fold(a, b):
    product = a * b
    return (product ^ product >> 64) & MASK


def avalanche(h):
    h ^= h >> 37
    h = h * 0x165667919E3779F9 & MASK
    return h ^ h >> 32


def avalanche_xxh64(h):
    h ^= h >> 33
    h = h * P64[1] & MASK
    h ^= h >> 29
    h = h * P64[2] & MASK
    return h ^ h >> 32


def up_to_16(data):
    n = len(data)
    if n > 8:
        low = u64(data) ^ u64(SECRET, 24) ^ u64(SECRET, 32)
        high = u64(data, n - 8) ^ u64(SECRET, 40) ^ u64(SECRET, 48)
        return avalanche(n + swap64(low) + high + fold(low, high) & MASK)
    if n >= 4:
        h = u32(data, n - 4) + (u32(data) << 32)
        h ^= u64(SECRET, 8) ^ u64(SECRET, 16)
        h ^= rotl(h, 49) ^ rotl(h, 24)
        h = h * 0x9FB21C651E98DF25 & MASK
        h ^= (h >> 35) + n
        h = h * 0x9FB21C651E98DF25 & MASK
        return h ^ h >> 28
    if n > 0:
        mixed = data[0] << 16 | data[n >> 1] << 24 | data[n - 1] | n << 8
        return avalanche_xxh64(mixed ^ u32(SECRET) ^ u32(SECRET, 4))
    return avalanche_xxh64(u64(SECRET, 56) ^ u64(SECRET, 64))


def mix(data, at, secret):
    return fold(u64(data, at) ^ u64(SECRET, secret),
                u64(data, at + 8) ^ u64(SECRET, secret + 8))


def up_to_128(data):
    n = len(data)
    h = n * P64[0]
    for i in range((n - 1) // 32 + 1):
        h += mix(data, 16 * i, 32 * i)
        h += mix(data, n - 16 * (i + 1), 32 * i + 16)
    return avalanche(h & MASK)


def up_to_240(data):
    n = len(data)
    h = n * P64[0]
    for i in range(8):
        h += mix(data, 16 * i, 16 * i)
    h = avalanche(h & MASK)
    for i in range(8, n // 16):
        h += mix(data, 16 * i, 16 * (i - 8) + 3)
    h += mix(data, n - 16, 136 - 17)
    return avalanche(h & MASK)


def add_stripe(acc, data, at, secret):
    lanes = struct.unpack_from('<8Q', data, at)
    keys = struct.unpack_from('<8Q', SECRET, secret)
    for i in range(8):
        key = lanes[i] ^ keys[i]
        acc[i ^ 1] = acc[i ^ 1] + lanes[i] & MASK
        acc[i] = acc[i] + (key & 0xFFFFFFFF) * (key >> 32) & MASK


def scramble(acc):
    keys = struct.unpack_from('<8Q', SECRET, 192 - 64)
    for i in range(8):
        acc[i] = ((acc[i] ^ acc[i] >> 47 ^ keys[i]) * P32[0]) & MASK


def longer(data):
    n = len(data)
    acc = [P32[2], P64[0], P64[1], P64[2], P64[3], P32[1], P64[4], P32[0]]
    blocks = (n - 1) // 1024
    for block in range(blocks):
        for i in range(16):
            add_stripe(acc, data, 1024 * block + 64 * i, 8 * i)
        scramble(acc)
    for i in range((n - 1 - 1024 * blocks) // 64):
        add_stripe(acc, data, 1024 * blocks + 64 * i, 8 * i)
    add_stripe(acc, data, n - 64, 192 - 64 - 7)
    h = n * P64[0]
    for i in range(4):
        h += fold(acc[2 * i] ^ u64(SECRET, 11 + 16 * i),
                  acc[2 * i + 1] ^ u64(SECRET, 19 + 16 * i))
    return avalanche(h & MASK)


def xxh3_64(data):
    if len(data) <= 16:
        return up_to_16(data)
    if len(data) <= 128:
        return up_to_128(data)
    return up_to_240(data) if len(data) <= 240 else longer(data)
