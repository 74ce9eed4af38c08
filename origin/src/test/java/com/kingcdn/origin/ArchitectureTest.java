package com.kingcdn.origin;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The floors of the origin: imports go down only. */
@AnalyzeClasses(packages = "com.kingcdn", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule FLOORS = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("com.kingcdn.origin..")
            .layer("root")
            .definedBy("com.kingcdn.origin")
            .layer("ingest")
            .definedBy("com.kingcdn.origin.ingest..")
            .layer("web")
            .definedBy("com.kingcdn.origin.web..")
            .layer("content")
            .definedBy("com.kingcdn.origin.content..")
            .whereLayer("root")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("ingest")
            .mayOnlyBeAccessedByLayers("root")
            .whereLayer("web")
            .mayOnlyBeAccessedByLayers("root")
            .whereLayer("content")
            .mayOnlyBeAccessedByLayers("root", "ingest", "web");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("com.kingcdn.origin.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule THE_STORE_KNOWS_NO_NETWORK = noClasses()
            .that()
            .resideInAPackage("com.kingcdn.origin.content..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework..", "reactor..", "io.netty..", "com.kingcdn.http..");

    @ArchTest
    static final ArchRule CONTENT_IS_SERVED_BELOW_SPRING = noClasses()
            .that()
            .resideInAPackage("com.kingcdn.origin.web..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework..");

    @ArchTest
    static final ArchRule NO_OTHER_SERVICE = noClasses()
            .that()
            .resideInAPackage("com.kingcdn.origin..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.kingcdn.edge..", "com.kingcdn.redirector..");

    @ArchTest
    static final ArchRule NAMES_SAY_WHAT_A_CLASS_IS =
            classes().should().haveNameNotMatching(".*(Util|Utils|Helper|Manager|Common|Base)");
}
