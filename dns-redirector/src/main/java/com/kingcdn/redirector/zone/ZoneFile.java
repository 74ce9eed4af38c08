package com.kingcdn.redirector.zone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Master;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TextParseException;

/** The reader of master files (RFC 1035 section 5, with $TTL and $GENERATE). {@code $INCLUDE} is refused. */
public final class ZoneFile {

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
                builder.add(next);
            }
        } catch (InvalidZoneException e) {
            throw new ZoneFileException(file + ":" + lines.line() + ": " + e.getMessage(), e);
        } catch (IndexOutOfBoundsException e) {
            // a $GENERATE that the library takes to be one
            throw new ZoneFileException(file + ":" + lines.line() + ": cannot be parsed", e);
        } catch (IOException | IllegalArgumentException e) {
            // the library does not know the name of a stream
            String reason =
                    String.valueOf(e.getMessage()).replaceFirst("^<none>", Matcher.quoteReplacement(file.toString()));
            throw new ZoneFileException("zone file " + reason, e);
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
