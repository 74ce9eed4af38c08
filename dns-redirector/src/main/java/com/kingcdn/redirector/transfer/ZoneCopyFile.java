package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.storage.DurableFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * The file that keeps a copy of another server's zone: how many records, each with its length, and a CRC32C of it all. Its time of
 * modification is when a primary last confirmed the copy.
 */
final class ZoneCopyFile {

    private static final int MAGIC = 0x4b435a32;
    /** Of files in which lengths had two octets, too few for a long record with a long name. */
    private static final int MAGIC_OF_SHORTS = 0x4b435a31;

    private final Path directory;
    private final Path file;

    ZoneCopyFile(Path directory, Name origin) {
        this.directory = directory;
        this.file = directory.resolve(origin.toString(true).replace("/", "\\047") + ".copy");
    }

    void write(ZoneContent content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        List<Record> records = new ArrayList<>(List.of(content.soa()));
        records.addAll(content.sorted());
        out.writeInt(MAGIC);
        out.writeInt(records.size());
        for (Record record : records) {
            byte[] wire = record.toWire(Section.ANSWER);
            out.writeInt(wire.length);
            out.write(wire);
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes.toByteArray());
        out.writeInt((int) crc.getValue());
        DurableFile.createDirectories(directory);
        DurableFile.write(file, bytes.toByteArray());
    }

    /** The copy, or null when there is none. */
    @Nullable
    ZoneContent read(Name origin) throws IOException {
        if (!Files.exists(file)) {
            return null;
        }
        byte[] bytes = Files.readAllBytes(file);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, Math.max(0, bytes.length - 4));
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int magic = bytes.length < 12 ? 0 : buffer.getInt(0);
        if ((magic != MAGIC && magic != MAGIC_OF_SHORTS) || buffer.getInt(bytes.length - 4) != (int) crc.getValue()) {
            throw new IOException(file + " is damaged");
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, 4, bytes.length - 8));
        List<Record> records = new ArrayList<>();
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            byte[] wire = new byte[magic == MAGIC ? in.readInt() : in.readUnsignedShort()];
            in.readFully(wire);
            records.add(Record.fromWire(wire, Section.ANSWER));
        }
        return ZoneContent.of(origin, records);
    }

    /** When a primary last confirmed the copy, as Unix time in milliseconds. */
    long confirmedAtMillis() throws IOException {
        return Files.getLastModifiedTime(file).toMillis();
    }

    void confirm(long nowMillis) throws IOException {
        Files.setLastModifiedTime(file, FileTime.fromMillis(nowMillis));
    }
}
