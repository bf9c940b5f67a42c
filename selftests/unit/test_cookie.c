// SPDX-License-Identifier: GPL-2.0
/*
 * SYN cookies (RFC 4987 3.6, A).
 */
#include "cookie.h"
#include "seq.h"
#include "tap.h"

/* The MSS values of a cookie: 8 classes, never above the peer's MSS. */
static const u16 mss_table[] = { 48, 256, 536, 1220, 1360, 1440, 1460, 8940 };

static const u32 bases[] = {
	0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x12345678,
};

/* Minutes around the wrap of a 5-bit and of a 32-bit counter. */
static const u32 minutes[] = {
	0, 1, 2, 30, 31, 32, 33, 63, 64, 1000, 0x7fffffff, 0xfffffffe,
	0xffffffff,
};

/* Replaces the keyed hash; each of the 32 bits is set for some minute. */
static u32 mac_of(u32 minute)
{
	u32 x = (minute + 1) * 0x9e3779b1;

	return (x ^ x >> 15) * 0x85ebca77;
}

/* Decodes with the MACs that are valid at @now. */
static u16 decode_at(u32 isn, u32 base, u32 now)
{
	u32 mac[XTCP_COOKIE_MINUTES];
	u32 i;

	for (i = 0; i < XTCP_COOKIE_MINUTES; i++)
		mac[i] = mac_of(now - i);
	return xtcp_cookie_decode(isn, base, mac, now);
}

static u16 floor_of(u32 mss)
{
	u32 i = 0;

	while (i + 1 < ARRAY_SIZE(mss_table) && mss_table[i + 1] <= mss)
		i++;
	return mss_table[i];
}

/* SF-2: the MSS is decoded as its class, never larger */
TEST(sf2_mss_decoded_as_its_class)
{
	u32 mss;

	for (mss = 0; mss <= 65535; mss++) {
		u32 isn = xtcp_cookie_encode(0x1000, mac_of(77), 77, mss);
		u16 got = decode_at(isn, 0x1000, 77);

		at("mss %u", mss);
		is(got, floor_of(mss));
		ok(got <= mss || got == 48);
	}
}

/* SF-2: the layout of a cookie */
TEST(sf2_layout_of_rfc4987_appendix_a)
{
	is(xtcp_cookie_encode(0, 0, 0, 0), 0u);
	is(xtcp_cookie_encode(0, 0xabcdef, 3, 1460),
	   3u << 27 | 6u << 24 | 0xabcdef);
	is(xtcp_cookie_encode(0, 0, 31, 65535), 0xffu << 24);
	/* 24 bits of the MAC, 5 of the minute */
	is(xtcp_cookie_encode(0, 0xff000001, 0, 0), 1u);
	is(xtcp_cookie_encode(0, 0, 32 + 5, 0), 5u << 27);
	/* the base is added, not XORed */
	is(xtcp_cookie_encode(0xffffffff, 2, 0, 0), 1u);
	is(xtcp_cookie_encode(0x80000001, 1, 16, 0), 2u);
}

/* SF-2: valid in its minute and in the next, not before or after */
TEST(sf2_cookie_valid_for_two_minutes)
{
	u32 i, j, later;

	for (i = 0; i < ARRAY_SIZE(minutes); i++) {
		for (j = 0; j < ARRAY_SIZE(bases); j++) {
			u32 born = minutes[i];
			u32 isn = xtcp_cookie_encode(bases[j], mac_of(born),
						     born, 1460);

			at("minute %u base %#x", born, bases[j]);
			is(decode_at(isn, bases[j], born), 1460);
			is(decode_at(isn, bases[j], born + 1), 1460);
			for (later = 2; later <= 70; later++)
				is(decode_at(isn, bases[j], born + later), 0);
			is(decode_at(isn, bases[j], born - 1), 0);
			is(decode_at(isn, bases[j], born - 2), 0);
		}
	}
	is(XTCP_COOKIE_LIFE, 120);
}

/* SF-2: the counter limits the age, even if the MAC of that minute matches */
TEST(sf2_age_checked_by_counter_and_mac)
{
	u32 same[32];
	u32 i, age;

	for (i = 0; i < ARRAY_SIZE(same); i++)
		same[i] = 0x5a5a5a;
	for (age = 0; age < 32; age++) {
		u32 isn = xtcp_cookie_encode(7, 0x5a5a5a, 100, 536);

		at("age %u", age);
		is(xtcp_cookie_decode(isn, 7, same, 100 + age),
		   age < 2 ? 536 : 0);
	}
}

/* SF-2: a modified bit of MAC or minute, or another base: refused */
TEST(sf2_forged_cookie_refused)
{
	u32 i, bit;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		u32 base = bases[i];
		u32 isn = xtcp_cookie_encode(base, mac_of(500), 500, 1460);
		u32 cookie = isn - base;

		is(decode_at(isn, base, 500), 1460);
		for (bit = 0; bit < 32; bit++) {
			at("base %#x bit %u", base, bit);
			/* the three bits of the MSS class are not protected */
			if (bit >= 24 && bit < 27)
				continue;
			is(decode_at(base + (cookie ^ 1u << bit), base, 500),
			   0);
			is(decode_at(isn, base ^ 1u << bit, 500), 0);
		}
		is(decode_at(isn + 1, base, 500), 0);
		is(decode_at(isn - 1, base, 500), 0);
	}
}

/* SF-2: 16 of 2^32 numbers are valid at any time: 2 minutes, 8 MSS classes */
TEST(sf2_sixteen_valid_cookies_at_any_time)
{
	u32 top, right = 0;

	for (top = 0; top < 256; top++) {
		u32 now = mac_of(500) & 0xffffff;
		u32 before = mac_of(499) & 0xffffff;

		right += !!decode_at(9 + (top << 24 | now), 9, 500);
		right += !!decode_at(9 + (top << 24 | before), 9, 500);
	}
	is(right, 16);
}

/* SF-3: window scale and SACK are decoded unchanged, or as absent */
TEST(sf3_options_encoded_in_six_timestamp_bits)
{
	struct xtcp_cookie_options in, out;
	u32 scale, sack, bits;

	for (sack = 0; sack < 2; sack++) {
		for (scale = 0; scale <= 15; scale++) {
			at("scale %u sack %u", scale, sack);
			in.wscale_ok = scale < 15;
			in.snd_wscale = scale < 15 ? scale : 0;
			in.sack_ok = sack;
			bits = xtcp_cookie_options_pack(&in);
			is(bits, scale | sack << 4);
			xtcp_cookie_options_unpack(bits, &out);
			is(out.wscale_ok, scale < 15);
			is(out.snd_wscale, scale < 15 ? scale : 0);
			is(out.sack_ok, sack);
			/* other bits of the timestamp are not options */
			xtcp_cookie_options_unpack(bits | 0xe0, &out);
			is(out.wscale_ok, scale < 15);
			is(out.snd_wscale, scale < 15 ? scale : 0);
			is(out.sack_ok, sack);
		}
	}
	/* a shift that was not negotiated is not stored */
	in.wscale_ok = false;
	in.snd_wscale = 7;
	in.sack_ok = true;
	is(xtcp_cookie_options_pack(&in), 0x1f);
}

static void check_tsval(u32 clock, u8 bits)
{
	u32 tsval = xtcp_cookie_tsval(clock, bits);

	at("clock %#x bits %#x", clock, bits);
	is(tsval & 0x3f, bits);
	no(seq_after(tsval, clock));
	ok(clock - tsval <= 0x3f);
}

/* SF-3: the timestamp is up to 63 ticks back, never ahead */
TEST(sf3_timestamp_not_ahead_of_clock)
{
	static const u32 clocks[] = {
		0, 1, 0x3f, 0x40, 0x41, 0x7fffffff, 0x80000000, 0x80000020,
		0xffffffc0, 0xffffffff,
	};
	u32 i, bits;

	for (bits = 0; bits <= 0x3f; bits++) {
		for (i = 0; i < ARRAY_SIZE(clocks); i++)
			check_tsval(clocks[i], bits);
		for (i = 0; i < 100; i++)
			check_tsval(rnd(), bits);
	}
	is(xtcp_cookie_tsval(0x1005, 0x05), 0x1005u);
	is(xtcp_cookie_tsval(0x1005, 0x06), 0xfc6u);
}
