package com.kingcdn.edge.store;

import java.nio.file.Path;
import org.springframework.util.unit.DataSize;

/**
 * A process that stores and removes entries until it is killed. It prints a line for each that the disk tier said was safe: {@code +
 * high low blocks} when stored, {@code - high low} when removed.
 */
final class DiskTierVictim {

    static final DataSize CAPACITY = DataSize.ofMegabytes(512);

    private DiskTierVictim() {}

    /** Runs until it is killed, on a directory; the second argument says how many milliseconds each read takes while it loads, in which case it stores only then. */
    @SuppressWarnings("InfiniteLoopStatement")
    public static void main(String[] arguments) {
        FailingDisk files = new FailingDisk();
        files.readsTakeMillis = Long.parseLong(arguments[1]);
        DiskTierFixture disk = new DiskTierFixture(Path.of(arguments[0]), files, CAPACITY);
        if (files.readsTakeMillis > 0) {
            while (disk.tier.isLoading()) {
                EntryId during = disk.store(1);
                // what counts was safe before all had been read
                System.out.println(
                        (disk.tier.isLoading() ? "+ " : "late ") + during.high() + " " + during.low() + " 1");
            }
            return;
        }
        EntryId last = disk.store(1);
        for (int round = 0; true; round++) {
            EntryId next = disk.store(round % 7);
            System.out.println("+ " + next.high() + " " + next.low() + " " + round % 7);
            if (round % 3 == 0) {
                disk.tier.remove(last);
                disk.sync();
                System.out.println("- " + last.high() + " " + last.low());
            }
            last = next;
        }
    }
}
