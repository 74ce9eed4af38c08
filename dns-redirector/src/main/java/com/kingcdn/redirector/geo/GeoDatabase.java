package com.kingcdn.redirector.geo;

import com.kingcdn.redirector.routing.PlaceSource;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import com.maxmind.db.CHMCache;
import com.maxmind.db.DatabaseRecord;
import com.maxmind.db.InvalidNetworkException;
import com.maxmind.db.Reader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One or more MaxMind DB files, read as networks with places. Later files win where they overlap.
 *
 * <p>Both schemas in use are understood, told apart by a file's first record: MaxMind's own (nested, {@code location.latitude} or only
 * {@code country.iso_code}) and the flat one of the npm packages {@code @ip-location-db} ({@code latitude} or only {@code country_code},
 * one file per address family). A record with a country only counts as that country's centre. The files are held in memory, so
 * replacing one on disk is safe; open it again to use it.
 */
public final class GeoDatabase implements PlaceSource {

    private static final int DECODED_RECORDS = 1 << 16;

    private record Source(Path path, Reader reader, Class<? extends GeoRecord> schema) {}

    private final List<Source> sources;

    private GeoDatabase(List<Source> sources) {
        this.sources = sources;
    }

    /**
     * Opens the files and checks that their records are of a known schema.
     *
     * @throws GeoDatabaseException when a file is absent, no MaxMind DB, or of an unknown schema
     */
    public static GeoDatabase open(List<Path> files) {
        List<Source> sources = new ArrayList<>();
        for (Path file : files) {
            sources.add(open(file));
        }
        return new GeoDatabase(List.copyOf(sources));
    }

    private static Source open(Path path) {
        File file = path.toFile();
        if (!Files.isReadable(path)) {
            throw new GeoDatabaseException("geo database " + path + " does not exist or cannot be read");
        }
        try {
            Reader reader = new Reader(file, Reader.FileMode.MEMORY, new CHMCache(DECODED_RECORDS));
            return new Source(path, reader, schema(path, reader));
        } catch (IOException | InvalidNetworkException | RuntimeException e) {
            throw e instanceof GeoDatabaseException known
                    ? known
                    : new GeoDatabaseException("geo database " + path + " is no MaxMind DB file: " + e.getMessage(), e);
        }
    }

    private static Class<? extends GeoRecord> schema(Path path, Reader reader)
            throws IOException, InvalidNetworkException {
        Iterator<? extends DatabaseRecord<?>> records = reader.networks(Map.class);
        if (!records.hasNext() || !(records.next().data() instanceof Map<?, ?> first)) {
            throw new GeoDatabaseException("geo database " + path + " has no networks");
        }
        if (first.get("location") instanceof Map
                || first.get("country") instanceof Map
                || first.get("continent") instanceof Map
                || first.get("registered_country") instanceof Map) {
            return NestedGeoRecord.class;
        }
        if (first.containsKey("country_code") || first.containsKey("latitude")) {
            return FlatGeoRecord.class;
        }
        throw new GeoDatabaseException(
                "geo database " + path + " (" + reader.getMetadata().databaseType()
                        + ") has neither places nor countries; its records have " + first.keySet());
    }

    @Override
    public void forEach(BiConsumer<IpPrefix, GeoPoint> consumer) {
        for (Source source : sources) {
            try {
                Iterator<? extends DatabaseRecord<? extends GeoRecord>> records =
                        source.reader().networks(source.schema());
                while (records.hasNext()) {
                    DatabaseRecord<? extends GeoRecord> next = records.next();
                    @Nullable GeoRecord data = next.data();
                    @Nullable GeoPoint place = data == null ? null : data.place();
                    if (place != null) {
                        byte[] address = next.network().networkAddress().getAddress();
                        consumer.accept(IpPrefix.of(address, next.network().prefixLength()), place);
                    }
                }
            } catch (IOException | InvalidNetworkException | RuntimeException e) {
                throw new GeoDatabaseException("geo database " + source.path() + " is damaged: " + e.getMessage(), e);
            }
        }
    }

    @Override
    public @Nullable GeoPoint find(byte[] address) {
        for (int i = sources.size() - 1; i >= 0; i--) {
            Source source = sources.get(i);
            try {
                InetAddress client = InetAddress.getByAddress(address);
                if (address.length == 16 && source.reader().getMetadata().ipVersion() == 4) {
                    continue;
                }
                @Nullable GeoRecord found = source.reader().get(client, source.schema());
                @Nullable GeoPoint place = found == null ? null : found.place();
                if (place != null) {
                    return place;
                }
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + address.length, e);
            } catch (IOException | RuntimeException e) {
                throw new GeoDatabaseException("geo database " + source.path() + " is damaged: " + e.getMessage(), e);
            }
        }
        return null;
    }

    /** The files, for people. */
    @Override
    public String toString() {
        return sources.stream()
                .map(source ->
                        source.path() + " (" + source.reader().getMetadata().databaseType() + ")")
                .toList()
                .toString();
    }
}
