package com.kingcdn.origin.content;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentStoreTest {

    private static final ContentPath PATH = new ContentPath("/titles/a");

    @TempDir
    Path directory;

    @Test
    void showsContentOnlyOnceCommitted() throws Exception {
        try (ContentStore store = open()) {
            try (Upload upload = store.begin(PATH, "text/plain", 100)) {
                upload.write(bytes("hello"));
                assertThat(store.catalog().find(PATH)).isNull();
                assertThat(upload.commit(null, present -> true).replaced()).isNull();
            }
            CatalogEntry entry = Objects.requireNonNull(store.catalog().find(PATH));
            assertThat(entry.type()).isEqualTo("text/plain");
            assertThat(entry.sha256()).isEqualTo("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
            assertThat(read(store, entry)).isEqualTo("hello");
            assertThat(store.catalog().bytes()).isEqualTo(5);
        }
    }

    @Test
    void keepsContentOverARestart() throws Exception {
        CatalogEntry entry;
        try (ContentStore store = open()) {
            entry = put(store, PATH, "hello");
        }
        try (ContentStore store = open()) {
            assertThat(store.catalog().find(PATH)).isEqualTo(entry);
            assertThat(read(store, entry)).isEqualTo("hello");
            assertThat(store.catalog().bytes()).isEqualTo(5);
        }
    }

    @Test
    void aReaderKeepsTheVersionItHasOpened() throws Exception {
        try (ContentStore store = open()) {
            CatalogEntry first = put(store, PATH, "first");
            try (FileChannel opened = store.read(first)) {
                put(store, PATH, "second");
                assertThat(new String(Channels.newInputStream(opened).readAllBytes(), UTF_8))
                        .isEqualTo("first");
            }
            assertThat(store.catalog().bytes()).isEqualTo(6);
            assertThat(objects()).hasSize(1);
        }
    }

    @Test
    void anUploadThatIsClosedLeavesNothing() throws Exception {
        try (ContentStore store = open()) {
            Upload upload = store.begin(PATH, "text/plain", 100);
            upload.write(bytes("half of"));
            assertThat(objects()).hasSize(1);

            upload.close();

            assertThat(store.catalog().find(PATH)).isNull();
            assertThat(objects()).isEmpty();
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> upload.write(bytes("more")))
                    .matches(refused -> refused.kind() == StoreException.Kind.ABORTED);
        }
    }

    @Test
    void whatAKillLeavesIsRemovedAtTheNextStart() throws Exception {
        try (ContentStore store = open()) {
            put(store, PATH, "kept");
            Upload cutOff = store.begin(new ContentPath("/cut-off"), "text/plain", 100);
            cutOff.write(bytes("half of"));
            Files.writeString(directory.resolve("entries").resolve("stray.tmp"), "{");
            assertThat(objects()).hasSize(2);
            // no close: the process is gone
        }
        try (ContentStore store = open()) {
            assertThat(store.catalog().size()).isEqualTo(1);
            assertThat(objects()).hasSize(1);
            assertThat(read(store, Objects.requireNonNull(store.catalog().find(PATH))))
                    .isEqualTo("kept");
        }
    }

    @Test
    void aDigestThatDiffersIsRefusedAndTheOldVersionStays() throws Exception {
        try (ContentStore store = open()) {
            put(store, PATH, "old");
            try (Upload upload = store.begin(PATH, "text/plain", 100)) {
                upload.write(bytes("new"));
                assertThatExceptionOfType(StoreException.class)
                        .isThrownBy(() -> upload.commit("00".repeat(32), present -> true))
                        .matches(refused -> refused.kind() == StoreException.Kind.DIGEST_MISMATCH);
            }
            assertThat(read(store, Objects.requireNonNull(store.catalog().find(PATH))))
                    .isEqualTo("old");
            assertThat(objects()).hasSize(1);
        }
    }

    @Test
    void moreBytesThanTheLimitAreRefused() throws Exception {
        try (ContentStore store = open();
                Upload upload = store.begin(PATH, "text/plain", 10)) {
            upload.write(bytes("0123456789"));
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> upload.write(bytes("x")))
                    .matches(refused -> refused.kind() == StoreException.Kind.TOO_LARGE);
        }
    }

    @Test
    void aConditionIsAskedAtTheMomentOfTheChange() throws Exception {
        try (ContentStore store = open();
                Upload upload = store.begin(PATH, "text/plain", 10)) {
            upload.write(bytes("mine"));
            put(store, PATH, "theirs");
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> upload.commit(null, Objects::isNull))
                    .matches(refused -> refused.kind() == StoreException.Kind.CONDITION_FAILED);
        }
    }

    @Test
    void deletesDurably() throws Exception {
        try (ContentStore store = open()) {
            put(store, PATH, "gone");
            assertThat(store.delete(PATH, entry -> true)).isTrue();
            assertThat(store.delete(PATH, entry -> true)).isFalse();
            assertThat(store.catalog().bytes()).isZero();
            assertThat(objects()).isEmpty();
        }
        try (ContentStore store = open()) {
            assertThat(store.catalog().size()).isZero();
        }
    }

    @Test
    void oneProcessAtATime() throws Exception {
        try (ContentStore store = open()) {
            assertThatThrownBy(this::open)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another origin")
                    .hasMessageContaining(directory.toString());
            assertThat(store.catalog().size()).isZero();
        }
        open().close();
    }

    @Test
    void aDamagedEntryIsLeftOutAndNothingIsRemovedOnItsAccount() throws Exception {
        CatalogEntry kept;
        try (ContentStore store = open()) {
            kept = put(store, PATH, "kept");
            put(store, new ContentPath("/damaged"), "damaged");
        }
        try (Stream<Path> entries = Files.walk(directory.resolve("entries"))) {
            for (Path file : entries.filter(Files::isRegularFile).toList()) {
                if (Files.readString(file).contains("/damaged")) {
                    Files.writeString(file, "{\"path\":");
                }
            }
        }
        try (ContentStore store = open()) {
            assertThat(store.catalog().page("", "", 10).entries()).containsExactly(kept);
            assertThat(objects()).hasSize(2);
        }
    }

    @Test
    void aSymbolicLinkInPlaceOfContentIsNotFollowed() throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "secret");
        CatalogEntry entry;
        try (ContentStore store = open()) {
            entry = put(store, PATH, "public");
            Path object = store.objectFile(entry.object());
            Files.delete(object);
            Files.createSymbolicLink(object, secret);
            assertThatThrownBy(() -> store.read(entry)).isInstanceOf(IOException.class);
        }
        try (ContentStore store = open()) {
            assertThat(store.catalog().find(PATH)).isNull();
        }
    }

    @Test
    void listsPageByPage() throws Exception {
        try (ContentStore store = open()) {
            for (String path : List.of("/a", "/b/1", "/b/2", "/b/3", "/c")) {
                put(store, new ContentPath(path), path);
            }
            Catalog.Page first = store.catalog().page("/b/", "", 2);
            assertThat(first.entries()).extracting(CatalogEntry::path).containsExactly("/b/1", "/b/2");
            Catalog.Page second = store.catalog().page("/b/", Objects.requireNonNull(first.next()), 2);
            assertThat(second.entries()).extracting(CatalogEntry::path).containsExactly("/b/3");
            assertThat(second.next()).isNull();
            assertThat(store.catalog().page("", "", 5).next()).isNull();
            assertThat(store.catalog().page("", "/c", 5).entries()).isEmpty();
        }
    }

    private ContentStore open() throws IOException {
        return ContentStore.open(directory, Clock.systemUTC());
    }

    private List<Path> objects() throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve("objects"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static CatalogEntry put(ContentStore store, ContentPath path, String content) throws Exception {
        try (Upload upload = store.begin(path, "text/plain", 100)) {
            upload.write(bytes(content));
            return upload.commit(null, present -> true).entry();
        }
    }

    private static String read(ContentStore store, CatalogEntry entry) throws IOException {
        try (FileChannel channel = store.read(entry)) {
            return new String(Channels.newInputStream(channel).readAllBytes(), UTF_8);
        }
    }

    private static ByteBuffer bytes(String text) {
        return UTF_8.encode(text);
    }
}
