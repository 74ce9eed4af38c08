package com.kingcdn.redirector.dnssec;

import org.xbill.DNS.RRSIGRecord;

/**
 * A signature of a record set.
 *
 * @param remakeAt when what was made with it should ask for it again, in milliseconds since 1970: a good while before it expires, and
 *     after it has been renewed
 */
public record Signature(RRSIGRecord record, long remakeAt) {}
