package com.kingcdn.redirector.zone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Master;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;

/** The reader of master files (RFC 1035 section 5, with $TTL and $GENERATE). {@code $INCLUDE} is refused. */
public final class ZoneFile {

    private static final String STREAM = "<none>";

    private ZoneFile() {}

    /**
     * Reads and checks a zone.
     *
     * @param zone its name, such as {@code kingcdn.example}, with or without a final dot
     * @throws ZoneFileException when the file is absent, cannot be parsed, or is no whole zone
     */
    public static ZoneContent read(String zone, Path file) {
        if (!Files.isReadable(file)) {
            throw new ZoneFileException("zone file " + file + " of " + zone + " does not exist or cannot be read");
        }
        try {
            return parse(zone, Files.readString(file), file);
        } catch (IOException e) {
            throw new ZoneFileException("zone file " + file + " of " + zone + " cannot be read: " + e, e);
        }
    }

    /**
     * Reads and checks a zone from its text.
     *
     * @param file where the text came from, for messages
     * @throws ZoneFileException when it cannot be parsed or is no whole zone; the message names the line where there is one
     */
    public static ZoneContent parse(String zone, String text, Path file) {
        Name origin = name(zone);
        ZoneBuilder builder = new ZoneBuilder(origin);
        CountedLines lines = new CountedLines(text);
        try (Master master = new Master(lines, origin)) {
            master.disableIncludes(true);
            for (Record next; (next = master.nextRecord()) != null; ) {
                checkWritten(next);
                builder.add(next);
            }
        } catch (InvalidZoneException e) {
            throw new ZoneFileException(file + ":" + lines.line() + ": " + e.getMessage(), e);
        } catch (IndexOutOfBoundsException e) {
            // a $GENERATE that the library takes to be one
            throw new ZoneFileException(file + ":" + lines.line() + ": cannot be parsed", e);
        } catch (IOException | IllegalArgumentException e) {
            // the library does not know the name of a stream, and says of some data not even their line
            String reason = String.valueOf(e.getMessage());
            String where = reason.startsWith(STREAM) ? "" : ":" + lines.line() + ": ";
            throw new ZoneFileException(
                    "zone file " + file + where + (where.isEmpty() ? reason.substring(STREAM.length()) : reason), e);
        }
        try {
            ZoneContent content = builder.build();
            @Nullable Name bare = builder.nameServerWithoutAddress();
            if (bare != null) {
                throw new ZoneFileException(file + ": name server " + bare + " lies in the zone and has no address");
            }
            return content;
        } catch (InvalidZoneException e) {
            throw new ZoneFileException(file + ": " + e.getMessage(), e);
        }
    }

    /** What can be read need not have a wire form: an ALPN identifier of 300 octets, or data longer than a message. */
    private static void checkWritten(Record record) {
        if (record.toWire(Section.ANSWER).length > Message.MAXLENGTH) {
            throw new InvalidZoneException(record.getName() + " has a record that is longer than a message can be");
        }
    }

    /**
     * A zone's name, absolute and in lower case.
     *
     * @throws ZoneFileException when the text is none
     */
    public static Name name(String zone) {
        try {
            return Name.fromString(zone.toLowerCase(Locale.ROOT), Name.root);
        } catch (TextParseException e) {
            throw new ZoneFileException("'" + zone + "' is not a zone name: " + e.getMessage(), e);
        }
    }
}
