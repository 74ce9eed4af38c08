package com.kingcdn.redirector;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The floors of the redirector (docs/architecture.md): imports go down only. */
@AnalyzeClasses(packages = "com.kingcdn.redirector", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "com.kingcdn.redirector";

    @ArchTest
    static final ArchRule IMPORTS_GO_DOWN = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("com.kingcdn.redirector..")
            .layer("root")
            .definedBy(ROOT)
            .layer("sockets")
            .definedBy(ROOT + ".server..")
            .layer("work")
            .definedBy(ROOT + ".query..", ROOT + ".publish..", ROOT + ".api..")
            .layer("exchange")
            .definedBy(ROOT + ".transfer..")
            .layer("state")
            .definedBy(ROOT + ".zone..", ROOT + ".geo..", ROOT + ".rtt..", ROOT + ".health..", ROOT + ".registry..")
            .layer("signatures")
            .definedBy(ROOT + ".dnssec..")
            .layer("rules")
            .definedBy(ROOT + ".routing..")
            .layer("pace")
            .definedBy(ROOT + ".pace..")
            .whereLayer("root")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("sockets")
            .mayOnlyBeAccessedByLayers("root")
            .whereLayer("work")
            .mayOnlyBeAccessedByLayers("root", "sockets")
            .whereLayer("exchange")
            .mayOnlyBeAccessedByLayers("root", "sockets", "work")
            .whereLayer("state")
            .mayOnlyBeAccessedByLayers("root", "sockets", "work", "exchange")
            .whereLayer("signatures")
            .mayOnlyBeAccessedByLayers("root", "sockets", "work", "state")
            .whereLayer("rules")
            .mayOnlyBeAccessedByLayers("root", "sockets", "work", "state")
            .whereLayer("pace")
            .mayOnlyBeAccessedByLayers("work", "state", "rules");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("com.kingcdn.redirector.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule PACKAGES_OF_A_FLOOR_DO_NOT_KNOW_EACH_OTHER = slices().matching(
                    "com.kingcdn.redirector.(zone|geo|rtt|health|registry|query|publish|api)..")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(
                    resideInAnyPackage(ROOT + ".query..", ROOT + ".publish..", ROOT + ".api.."),
                    resideInAnyPackage(
                            ROOT + ".zone..",
                            ROOT + ".geo..",
                            ROOT + ".rtt..",
                            ROOT + ".health..",
                            ROOT + ".registry.."));

    @ArchTest
    static final ArchRule ROUTING_IS_PURE = noClasses()
            .that()
            .resideInAPackage(ROOT + ".routing..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.xbill..",
                    "com.maxmind..",
                    "io.netty..",
                    "reactor..",
                    "org.springframework..",
                    "io.prometheus..",
                    "java.nio.file..")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime");

    @ArchTest
    static final ArchRule HEALTH_TAKES_THE_TIME_AS_AN_ARGUMENT = noClasses()
            .that()
            .resideInAPackage(ROOT + ".health..")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage("java.nio.file..", "io.netty..", "reactor..", "org.springframework..");

    @ArchTest
    static final ArchRule ONLY_THE_SERVER_NAMES_NETTY = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".server..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..");

    @ArchTest
    static final ArchRule ONLY_THE_PUBLISHER_COMPILES_SNAPSHOTS = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + ".publish..", ROOT + ".zone..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("com.kingcdn.redirector.zone.ServingInputs");

    @ArchTest
    static final ArchRule NO_OTHER_SERVICE_IS_KNOWN_HERE =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("com.kingcdn.edge..", "com.kingcdn.origin..");

    @ArchTest
    static final ArchRule NAMES_SAY_WHAT_A_CLASS_IS =
            noClasses().should().haveNameMatching(".*(Utils?|Helper|Manager|Common|Base)");
}
